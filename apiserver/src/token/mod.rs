//! Service account tokens: signed, bound to the account's uid, refused once the account is gone.
//!
//! Start at [`Issuer`]. The signing key comes from the machine's entropy, not from `Environment`: it is a secret,
//! and no answer but the tokens themselves depends on it.

mod claims;
mod issuer;
mod signer;

pub use claims::Reference;
pub use issuer::{Bound, Issuer, Lookup, Refusal, Request, Token};
