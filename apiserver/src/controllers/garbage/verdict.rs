//! What to do with a dependent, given what became of its owners.

use super::graph::{Deletion, Owner};

/// What became of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It exists.
    Solid,
    /// It does not, or not as this object.
    Absent,
    /// It is being deleted in the foreground and waits for its dependents.
    Waiting,
}

/// What to do with a dependent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Keep,
    /// Remove the references to these owners: another one lives.
    Release(Vec<String>),
    /// Delete it, by this propagation policy.
    Delete(&'static str),
}

/// Returns what to do with an object in state `deletion` whose owners have these fates.
///
/// `has_dependents` says whether it owns others itself: then it goes in the foreground if its owner does.
pub(super) fn verdict(owners: &[(Owner, Fate)], deletion: Deletion, has_dependents: bool) -> Verdict {
    let any = |wanted: Fate| owners.iter().any(|(_, fate)| *fate == wanted);
    if owners.is_empty() || deletion == Deletion::Background || deletion == Deletion::Orphan {
        return Verdict::Keep;
    }
    if any(Fate::Solid) {
        let gone = owners.iter().filter(|(_, fate)| *fate != Fate::Solid);
        let uids: Vec<String> = gone.map(|(owner, _)| owner.uid.clone()).collect();
        return if uids.is_empty() {
            Verdict::Keep
        } else {
            Verdict::Release(uids)
        };
    }
    if deletion != Deletion::None {
        return Verdict::Keep;
    }
    let foreground = any(Fate::Waiting) && has_dependents;
    Verdict::Delete(if foreground { "Foreground" } else { "Background" })
}

#[cfg(test)]
mod tests {
    use super::Fate::{Absent, Solid, Waiting};
    use super::*;

    fn check(fates: &[Fate], has_dependents: bool, expected: &Verdict) {
        let owner = |uid: usize| Owner {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            name: "p".to_owned(),
            uid: uid.to_string(),
            blocks: false,
        };
        let owners: Vec<_> = fates
            .iter()
            .enumerate()
            .map(|(uid, fate)| (owner(uid), *fate))
            .collect();
        assert_eq!(
            verdict(&owners, Deletion::None, has_dependents),
            *expected,
            "{fates:?}"
        );
    }

    #[test]
    fn an_object_lives_as_long_as_one_owner() {
        check(&[], false, &Verdict::Keep);
        check(&[Solid], false, &Verdict::Keep);
        check(&[Absent, Solid], false, &Verdict::Release(vec!["0".to_owned()]));
        check(&[Solid, Waiting], true, &Verdict::Release(vec!["1".to_owned()]));
        check(&[Absent], true, &Verdict::Delete("Background"));
        check(&[Absent, Absent], false, &Verdict::Delete("Background"));
    }

    #[test]
    fn what_owns_others_goes_in_the_foreground_with_its_owner() {
        check(&[Waiting], true, &Verdict::Delete("Foreground"));
        check(&[Waiting], false, &Verdict::Delete("Background"));
    }

    #[test]
    fn what_is_being_deleted_is_left_alone() {
        for deletion in [Deletion::Background, Deletion::Foreground, Deletion::Orphan] {
            let owner = Owner::read(&serde_json::json!({"uid": "u"}));
            assert_eq!(verdict(&[(owner, Absent)], deletion, true), Verdict::Keep);
        }
    }
}
