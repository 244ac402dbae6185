/** @type {import('next').NextConfig} */
export default {
  serverExternalPackages: ["@electric-sql/pglite", "@node-rs/argon2"],
  poweredByHeader: false,
  reactStrictMode: true,
  // `next dev` prints the arguments of server actions, one-time codes among them.
  logging: { serverFunctions: false },
  devIndicators: false,
};
