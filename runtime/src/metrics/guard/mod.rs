//! Who may read what an operator serves: the API server is asked, as controller-runtime's filters do it.
//!
//! A [`Guard`] asks whose a token is (TokenReview) and whether they may do what they want (SubjectAccessReview on a
//! path). Answers are kept: whose a token is for a minute, a yes for five, a no for 30 seconds. What it keeps and how
//! much it asks at once is bounded, so that a flood of made-up tokens is nobody's problem but the flooder's.

mod expiring;
mod judge;
mod review;

pub use judge::{Guard, Verdict};
