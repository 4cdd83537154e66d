//! Webhooks as the API server calls them: over TLS, from requests of users.
//!
//! `admission` is about defaults and rules, `conversion` about versions, `alike` about versions that need none,
//! `installed` about certificates; `api` is the kind all are about.

mod admission;
mod alike;
mod api;
mod conversion;
mod installed;
