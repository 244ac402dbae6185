import { PageHeader } from "@/components/ui/page-header";
import { Facts, Panel } from "@/components/ui/panel";
import { Day, Money } from "@/components/ui/when";
import type { ContractDetails } from "@/lib/contracts/read";
import { Status } from "./status";

/** Everything of a contract. Only ever rendered behind the gate. */
export function ContractView({ contract }: { contract: ContractDetails }) {
  return (
    <article className="flex flex-col gap-5">
      <PageHeader
        title={contract.title}
        back={{ href: `/customers/${contract.customerId}`, label: contract.customerName }}
        meta={
          <>
            {contract.number} <Status status={contract.status} />
          </>
        }
      />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Panel title="Terms">
          <Facts
            facts={[
              { label: "Value", value: <Money value={contract.value} currency={contract.currency} /> },
              { label: "Payment", value: contract.paymentTerms },
              { label: "Notice period", value: contract.noticePeriod },
              { label: "Starts", value: <Day on={contract.startsOn} /> },
              { label: "Ends", value: contract.endsOn ? <Day on={contract.endsOn} /> : "Open-ended" },
            ]}
          />
        </Panel>
        <Panel title="Signatories">
          <ul className="flex flex-col gap-2">
            {contract.signatories.map((one) => (
              <li key={`${one.party} ${one.name}`}>
                <span className="font-medium">{one.name}</span>, {one.jobTitle}, for{" "}
                {one.party === "us" ? "us" : contract.customerName}
                <span className="block text-ink-soft text-sm">
                  {one.signedOn ? (
                    <>
                      Signed on <Day on={one.signedOn} />
                    </>
                  ) : (
                    "Not signed yet"
                  )}
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
      <Panel title="Clauses">
        <ol className="flex max-w-[75ch] list-decimal flex-col gap-3 pl-6">
          {contract.clauses.map((clause) => (
            <li key={clause.heading}>
              <h3 className="font-medium">{clause.heading}</h3>
              <p className="text-ink-soft">{clause.text}</p>
            </li>
          ))}
        </ol>
      </Panel>
    </article>
  );
}
