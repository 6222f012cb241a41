// Ids that could be swapped by mistake, each made by one checking function.

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A full commit id: 40 hex digits (SHA-1) or 64 (SHA-256), lower case. */
export type CommitSha = Branded<'CommitSha'>

/** GitHub's `X-GitHub-Delivery` GUID. The same event keeps it when GitHub redelivers. */
export type DeliveryId = Branded<'DeliveryId'>

/** The decimal id of a row in `reviews`; also the id of its job. */
export type ReviewId = Branded<'ReviewId'>

/** Throws a `TypeError` when the text is not a full commit id. */
export function commitSha(text: string): CommitSha {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) throw new TypeError(`not a commit id: ${text.slice(0, 80)}`)
  return text as CommitSha // checked above
}

/** Throws a `TypeError` when the text cannot be a delivery GUID (letters, digits and dashes, at most 64). */
export function deliveryId(text: string): DeliveryId {
  if (!/^[0-9A-Za-z-]{1,64}$/.test(text)) throw new TypeError(`not a delivery id: ${text.slice(0, 80)}`)
  return text as DeliveryId // checked above
}

/** Throws a `TypeError` when the text is not a positive decimal number of at most 18 digits. */
export function reviewId(text: string): ReviewId {
  if (!/^[1-9][0-9]{0,17}$/.test(text)) throw new TypeError(`not a review id: ${text.slice(0, 80)}`)
  return text as ReviewId // checked above
}
