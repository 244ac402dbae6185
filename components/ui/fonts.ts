import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";

/** The fonts' variables, for `<html className>`. Also for the page that stands in when the layout has failed. */
export const fontVariables = `${GeistSans.variable} ${GeistMono.variable}`;
