//! Webhooks as the API server calls them: over TLS, from requests of users.
//!
//! `admission` is about defaults and rules, `conversion` about versions; `api` is the kind both are about.

mod admission;
mod api;
mod conversion;
