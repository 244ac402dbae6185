import { type ReactNode, useId } from "react";
import { classNames } from "./class-names";
import { controlLook } from "./field";

type Props = {
  label: string;
  /** What is chosen where nothing is. */
  all?: string;
  value: string | undefined;
  onChange(value: string): void;
  /** The options. */
  children: ReactNode;
};

/** One filter of a list, its label beside it. */
export function FilterSelect({ label, all = "All", value, onChange, children }: Props) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <label htmlFor={id} className="whitespace-nowrap text-ink-soft text-sm">
        {label}
      </label>
      <select
        id={id}
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value)}
        className={classNames(controlLook, "w-auto max-w-44 pr-8 pl-2.5")}
      >
        <option value="">{all}</option>
        {children}
      </select>
    </div>
  );
}
