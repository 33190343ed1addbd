// A certified OpenID Connect provider with people who do not exist. Usage: node provider.mjs PORT RETURN-ADDRESS
// It answers under the paths and with the claims of the national portal too, so that both presets meet it.
import { Provider } from "oidc-provider";

const [port, returnTo] = process.argv.slice(2);

/** Whoever types a name is that person; the personal number has a prefix that no province bears. */
const claimsOf = (name) => ({
  sub: `subject-of-${name}`,
  name: `Người ${name}`,
  TechID: `tech-${name}`,
  LoaiTaiKhoan: name.startsWith("organisation") ? "2" : "1",
  HoVaTen: `NGƯỜI ${name.toUpperCase()}`,
  SoDinhDanh: `0000850000${String(name.length).padStart(2, "0")}`,
  NgayThangNamSinh: "19850102",
  loginIdp: "BCA",
});

const portal = ["TechID", "LoaiTaiKhoan", "HoVaTen", "SoDinhDanh", "NgayThangNamSinh", "loginIdp"];

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: "tungnha",
      client_secret: "a secret of the tests",
      redirect_uris: [returnTo],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  acrValues: ["LoA1"],
  claims: { openid: ["sub", ...portal], profile: ["name"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["tests only"] },
  findAccount: (_context, name) => ({ accountId: name, claims: () => claimsOf(name) }),
  pkce: { required: () => true },
  routes: { authorization: "/oauth2/authorize", token: "/oauth2/token", userinfo: "/oauth2/userinfo", jwks: "/oauth2/jwks" },
});

provider.listen(Number(port), "localhost", () => console.log("ready"));
