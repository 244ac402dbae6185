"use server";

import { beginEdit as beginEditCommand } from "@/lib/customers/begin-edit";
import { changeBankDetails as changeBankDetailsCommand } from "@/lib/customers/change-bank-details";
import { createCustomer as createCustomerCommand } from "@/lib/customers/create-customer";
import { downloadReceipt as downloadReceiptCommand } from "@/lib/customers/download-receipt";
import { editCustomer as editCustomerCommand } from "@/lib/customers/edit-customer";
import { defineAction } from "@/lib/define-action";

export const beginEdit = defineAction(beginEditCommand);
export const editCustomer = defineAction(editCustomerCommand);
export const createCustomer = defineAction(createCustomerCommand);
export const changeBankDetails = defineAction(changeBankDetailsCommand);
export const downloadReceipt = defineAction(downloadReceiptCommand);
