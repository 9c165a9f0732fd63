/**
 * Reads the secret of a hook once in some seconds: for the time in which somebody guesses signatures, so that a guess costs no read.
 * A secret that was replaced meanwhile is the old one for that long.
 */
import { SECOND_MS } from "../model/limits.ts";
import type { Credentials } from "../ports.ts";

const REMEMBERED_MS = 5 * SECOND_MS;
const MAX_REMEMBERED = 100;

type Secrets = Pick<Credentials, "reveal">;

export function rememberSecrets(secrets: Secrets, now: () => number): Secrets {
  const remembered = new Map<string, { readonly secret: Awaited<ReturnType<Secrets["reveal"]>>; readonly until: number }>();
  return {
    async reveal(tenant, name) {
      const place = JSON.stringify([tenant, name]);
      const known = remembered.get(place);
      if (known !== undefined && known.until > now()) return known.secret;
      const secret = await secrets.reveal(tenant, name);
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(place, { secret, until: now() + REMEMBERED_MS });
      return secret;
    },
  };
}
