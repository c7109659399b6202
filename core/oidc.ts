/** Log-in by an identity provider (OpenID Connect), beside local passwords. */
export interface OidcSettings {
  /** https://…, or http:// on a loopback address. */
  readonly issuer: string
  readonly clientId: string
  /** Null: a public client, protected by PKCE alone. */
  readonly clientSecret: string | null
  /** The claim that is the user name here, for example `preferred_username`. */
  readonly claim: string
  /** On the button; null: the page's own words. */
  readonly button: string | null
}
