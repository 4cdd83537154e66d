//! How the election stands, in a line: for people, as a replica that waits for its turn is as ready as its leader.

use crate::election::Report;

/// Says who leads, and what went wrong last while something does.
pub(crate) fn line(report: &Report) -> String {
    let stands = match (&report.holder, report.leading) {
        (_, true) => "leading".to_owned(),
        (Some(holder), false) => format!("standing by, `{holder}` leads"),
        (None, false) => "standing by, nobody leads yet".to_owned(),
    };
    match &report.error {
        Some(error) => format!("{stands}; the last request for the lease failed: {error}"),
        None => stands,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_who_leads_and_what_is_wrong() {
        let check = |leading: bool, holder: Option<&str>, error: Option<&str>, expected: &str| {
            let report = Report {
                name: "lease".into(),
                namespace: "default".into(),
                identity: "me".into(),
                leading,
                holder: holder.map(str::to_owned),
                since: None,
                renewed: None,
                transitions: 0,
                terms: 0,
                losses: 0,
                slow_paths: 0,
                failures: 0,
                error: error.map(str::to_owned),
            };
            assert_eq!(line(&report), expected);
        };
        check(true, Some("me"), None, "leading");
        check(false, Some("other"), None, "standing by, `other` leads");
        let failing = "standing by, nobody leads yet; the last request for the lease failed: no answer";
        check(false, None, Some("no answer"), failing);
    }
}
