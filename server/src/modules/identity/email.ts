/** An address as it is compared. Case is ignored in the part before the @ too, as every large provider does. */
export function emailKey(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}

/** What a typed text is looked for in. */
export function searchText(email: string, displayName: string): string {
  return `${displayName} ${email}`.toLowerCase();
}
