import type { Access } from "./access.ts";
import type { Changes } from "./changes.ts";
import type { IdentityDeps } from "./deps.ts";
import type { Noise } from "./noise.ts";
import type { PasswordCheck } from "./password-check.ts";
import type { Passwords } from "./passwords.ts";

/** What identity's own use-cases share. */
export interface Inner extends IdentityDeps {
  access: Access;
  tell: Changes["tell"];
  noise: Noise;
  passwords: Passwords;
  passwordCheck: PasswordCheck;
}
