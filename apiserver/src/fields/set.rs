//! Sets of field paths, ordered, with the algebra ownership is computed by.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::element::{Element, Path};

/// A set of field paths. A path in it says nothing of the paths above and below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Set {
    branches: BTreeMap<Element, Branch>,
}

/// What a set holds at one path and below.
///
/// Invariant: inside a [`Set`] no branch is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Branch {
    /// The path itself is in the set.
    pub(super) member: bool,
    /// The paths below.
    pub(super) below: Set,
}

impl Branch {
    /// The path itself, and nothing below.
    pub(super) fn leaf() -> Self {
        Self {
            member: true,
            below: Set::default(),
        }
    }

    fn is_empty(&self) -> bool {
        !self.member && self.below.is_empty()
    }
}

impl Set {
    /// Returns the set of these paths.
    pub fn of<P: AsRef<[Element]>>(paths: impl IntoIterator<Item = P>) -> Self {
        let mut set = Self::default();
        for path in paths {
            set.insert(path.as_ref());
        }
        set
    }

    /// Adds one path; the empty path, the object itself, is never owned.
    pub fn insert(&mut self, path: &[Element]) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let branch = self.branches.entry(first.clone()).or_default();
        if rest.is_empty() {
            branch.member = true;
        } else {
            branch.below.insert(rest);
        }
    }

    /// Whether the path is in the set.
    #[must_use]
    pub fn contains(&self, path: &[Element]) -> bool {
        match path {
            [] => false,
            [last] => self.has(last),
            [first, rest @ ..] => self.below(first).is_some_and(|set| set.contains(rest)),
        }
    }

    /// Whether no path is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.branches.is_empty()
    }

    /// Returns the paths in either set.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        for (element, theirs) in &other.branches {
            let ours = self.branches.entry(element.clone()).or_default();
            ours.member |= theirs.member;
            ours.below = std::mem::take(&mut ours.below).union(&theirs.below);
        }
        self
    }

    /// Returns the paths in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.filter_map(|element, ours| {
            let theirs = other.branches.get(element)?;
            Some(Branch {
                member: ours.member && theirs.member,
                below: ours.below.intersection(&theirs.below),
            })
        })
    }

    /// Returns the paths of this set that are not in the other; a path outlives the paths above it.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.filter_map(|element, ours| {
            let Some(theirs) = other.branches.get(element) else {
                return Some(ours.clone());
            };
            Some(Branch {
                member: ours.member && !theirs.member,
                below: ours.below.difference(&theirs.below),
            })
        })
    }

    /// Returns the paths of this set that are neither in the other nor below a path of it.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.filter_map(|element, ours| match other.branches.get(element) {
            None => Some(ours.clone()),
            Some(theirs) if theirs.member => None,
            Some(theirs) => Some(Branch {
                member: ours.member,
                below: ours.below.without(&theirs.below),
            }),
        })
    }

    /// Returns all paths: those of one level first, then what is below each.
    #[must_use]
    pub fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        self.collect_paths(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect_paths(&self, prefix: &mut Path, paths: &mut Vec<Path>) {
        for (element, _) in self.branches.iter().filter(|(_, branch)| branch.member) {
            paths.push([prefix.as_slice(), std::slice::from_ref(element)].concat());
        }
        for (element, branch) in &self.branches {
            prefix.push(element.clone());
            branch.below.collect_paths(prefix, paths);
            prefix.pop();
        }
    }

    /// Writes the set as `FieldsV1`.
    #[must_use]
    pub fn encode(&self) -> Value {
        let encode = |(element, branch): (&Element, &Branch)| {
            let mut below = branch.below.encode();
            if branch.member && !branch.below.is_empty() {
                below["."] = Value::Object(Map::new());
            }
            (element.encode(), below)
        };
        Value::Object(self.branches.iter().map(encode).collect())
    }

    /// Reads `FieldsV1`; steps of an unknown kind are left out.
    ///
    /// # Errors
    ///
    /// The value is not made of maps, or a key is no step.
    pub fn decode(fields: &Value) -> Result<Self, String> {
        Ok(decode_branch(fields)?.below)
    }

    /// Whether the path of one step is in the set.
    pub(super) fn has(&self, element: &Element) -> bool {
        self.branches.get(element).is_some_and(|branch| branch.member)
    }

    /// The paths below a step, if there are any.
    pub(super) fn below(&self, element: &Element) -> Option<&Self> {
        let below = &self.branches.get(element)?.below;
        (!below.is_empty()).then_some(below)
    }

    /// Puts a branch in the place of what the set holds there.
    pub(super) fn attach(&mut self, element: Element, branch: Branch) {
        if !branch.is_empty() {
            self.branches.insert(element, branch);
        }
    }

    /// Builds a set from what `map` makes of each branch.
    pub(super) fn filter_map(&self, map: impl Fn(&Element, &Branch) -> Option<Branch>) -> Self {
        let mut set = Self::default();
        for (element, branch) in &self.branches {
            if let Some(branch) = map(element, branch) {
                set.attach(element.clone(), branch);
            }
        }
        set
    }
}

fn decode_branch(fields: &Value) -> Result<Branch, String> {
    let fields = match fields {
        Value::Null => return Ok(Branch::leaf()),
        Value::Object(fields) => fields,
        other => return Err(format!("expected a map, got {other}")),
    };
    let mut branch = Branch::default();
    for (key, value) in fields {
        if key == "." {
            branch.member = true;
        } else if let Some(element) = Element::parse(key)? {
            branch.below.attach(element, decode_branch(value)?);
        }
    }
    // A map without steps stands for the field itself.
    branch.member |= branch.below.is_empty();
    Ok(branch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "reads better with literals")]
    fn set(fields: Value) -> Set {
        Set::decode(&fields).unwrap()
    }

    #[test]
    fn fields_v1_is_read_and_written_back() {
        let check = |fields: Value| assert_eq!(set(fields.clone()).encode(), fields);
        check(json!({}));
        check(json!({"f:data": {".": {}, "f:k": {}}}));
        check(
            json!({"f:spec": {"f:ports": {"k:{\"p\":80}": {".": {}, "f:p": {}}}, "f:tags": {"v:\"x\"": {}}}}),
        );
    }

    #[test]
    fn unknown_steps_are_dropped_and_nonsense_is_refused() {
        assert_eq!(
            set(json!({"f:a": {}, "z:b": {"f:c": {}}})),
            set(json!({"f:a": {}}))
        );
        assert!(Set::decode(&json!({"f:a": 1})).is_err());
        assert!(Set::decode(&json!({"fa": {}})).is_err());
    }

    #[test]
    fn a_child_outlives_its_parent_in_a_difference_but_not_below_a_path_taken_away_whole() {
        let ours = set(json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}}));
        let theirs = set(json!({"f:a": {}}));
        assert_eq!(
            ours.difference(&theirs),
            set(json!({"f:a": {"f:b": {}}, "f:c": {}}))
        );
        assert_eq!(ours.without(&theirs), set(json!({"f:c": {}})));
    }

    #[test]
    fn the_paths_of_a_level_come_before_what_is_below() {
        let fields = set(json!({"f:a": {"f:x": {}}, "f:b": {}, "f:c": {".": {}, "f:y": {}}}));
        let shown: Vec<String> = fields
            .paths()
            .iter()
            .map(|path| path.iter().map(ToString::to_string).collect())
            .collect();
        assert_eq!(shown, [".b", ".c", ".a.x", ".c.y"]);
    }

    fn element() -> impl Strategy<Value = Element> {
        prop_oneof![
            "[ab<]{1}".prop_map(Element::Field),
            (0..2_i64).prop_map(|n| Element::Key(vec![("n".to_owned(), json!(n))])),
            "[ab\"]{1}".prop_map(|text| Element::Value(json!(text))),
            (0..2_i64).prop_map(Element::Index),
        ]
    }

    fn sets() -> impl Strategy<Value = Set> {
        let path = prop::collection::vec(element(), 1..4);
        prop::collection::vec(path, 0..8).prop_map(Set::of)
    }

    proptest! {
        #[test]
        fn any_set_survives_fields_v1(set in sets()) {
            prop_assert_eq!(Set::decode(&set.encode()), Ok(set));
        }

        #[test]
        fn sets_obey_the_laws_of_algebra(a in sets(), b in sets(), c in sets()) {
            let union = a.clone().union(&b);
            prop_assert_eq!(&union, &b.clone().union(&a));
            prop_assert_eq!(a.intersection(&b), b.intersection(&a));
            prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a.clone());
            prop_assert!(a.difference(&b).intersection(&b).is_empty());
            prop_assert_eq!(
                a.intersection(&b.clone().union(&c)),
                a.intersection(&b).union(&a.intersection(&c))
            );
            prop_assert_eq!(union.difference(&b), a.difference(&b));
            prop_assert_eq!(a.without(&b).intersection(&b), Set::default());
        }

        #[test]
        fn a_set_contains_exactly_its_paths(a in sets(), b in sets()) {
            for path in a.paths() {
                prop_assert!(a.contains(&path));
                prop_assert_eq!(a.difference(&b).contains(&path), !b.contains(&path));
            }
        }
    }
}
