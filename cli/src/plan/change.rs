//! The change of one file, and its diff.

use similar::TextDiff;

/// A file before and after; nothing where there is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// What a [`Change`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Created,
    Updated,
    Removed,
    /// Nothing: the file is as it should be.
    Fresh,
}

impl Change {
    pub(crate) fn kind(&self) -> Kind {
        match (&self.before, &self.after) {
            (None, Some(_)) => Kind::Created,
            (Some(_), None) => Kind::Removed,
            (before, after) if before == after => Kind::Fresh,
            _ => Kind::Updated,
        }
    }

    /// Returns the change as a unified diff that `patch` takes.
    pub(crate) fn diff(&self, path: &str) -> String {
        let side = |text: &Option<String>, prefix: &str| match text {
            Some(_) => format!("{prefix}/{path}"),
            None => "/dev/null".to_owned(),
        };
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        let diff = TextDiff::from_lines(before.unwrap_or_default(), after.unwrap_or_default());
        let mut unified = diff.unified_diff();
        unified.header(&side(&self.before, "a"), &side(&self.after, "b"));
        unified.to_string()
    }
}

impl Kind {
    /// Returns the word of a status line, at most 12 letters.
    pub(crate) fn verb(self, planned: bool) -> &'static str {
        match (self, planned) {
            (Kind::Created, false) => "Created",
            (Kind::Created, true) => "Would create",
            (Kind::Updated, false) => "Updated",
            (Kind::Updated, true) => "Would update",
            (Kind::Removed, false) => "Removed",
            (Kind::Removed, true) => "Would remove",
            (Kind::Fresh, _) => "Fresh",
        }
    }

    /// Returns the word for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Created => "created",
            Kind::Updated => "updated",
            Kind::Removed => "removed",
            Kind::Fresh => "fresh",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_can_be_given_to_patch() {
        let check = |before: Option<&str>, after: Option<&str>, expected: &str| {
            let change = Change {
                before: before.map(Into::into),
                after: after.map(Into::into),
            };
            assert_eq!(change.diff("f"), expected);
        };
        check(None, Some("x\n"), "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n");
        check(
            Some("x\n"),
            Some("y\n"),
            "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-x\n+y\n",
        );
        check(Some("x\n"), None, "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n");
    }
}
