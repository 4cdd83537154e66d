//! Who asks: bearer tokens, client certificates, identities given in process, or nobody.
//!
//! [`Authenticator::identify`] turns the credentials of a request into an [`Identity`]; wrong credentials are an
//! error, no credentials are `system:anonymous`. What an identity may do is decided in `authz`.

mod authenticator;
mod identity;

pub use authenticator::{Authenticator, Peer, Verified};
pub use identity::Identity;
pub(crate) use identity::service_account_user;
