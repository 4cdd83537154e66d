//! The user a request acts as.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Group of everybody who showed valid credentials.
const AUTHENTICATED: &str = "system:authenticated";
/// Group of everybody who showed none.
const UNAUTHENTICATED: &str = "system:unauthenticated";
/// Group that may do anything.
const MASTERS: &str = "system:masters";
/// Prefix of the user name of a service account.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// Who asks. Put one into the extensions of an in-process request to act as that user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// User name, for example `alice` or `system:serviceaccount:default:robot`.
    pub user: String,
    /// Unique id, empty if there is none.
    pub uid: String,
    /// Groups, in the order they were given.
    pub groups: Vec<String>,
    /// Further facts, for example the id of the credential.
    pub extra: BTreeMap<String, Vec<String>>,
}

impl Identity {
    /// Returns an authenticated user in `groups`; the group of all authenticated users is added.
    #[must_use]
    pub fn new<G: Into<String>>(user: impl Into<String>, groups: impl IntoIterator<Item = G>) -> Self {
        let mut groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        if !groups.iter().any(|group| group == AUTHENTICATED) {
            groups.push(AUTHENTICATED.to_owned());
        }
        Self {
            user: user.into(),
            groups,
            ..Self::default()
        }
    }

    /// Returns the administrator, whom authorization lets do anything.
    #[must_use]
    pub fn admin() -> Self {
        Self::new("admin", [MASTERS])
    }

    /// Returns an identity of the control plane's own, for example `system:apiserver`, that may do anything.
    #[must_use]
    pub fn control_plane(user: impl Into<String>) -> Self {
        Self::new(user, [MASTERS])
    }

    /// Returns who asks without credentials.
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            user: "system:anonymous".to_owned(),
            groups: vec![UNAUTHENTICATED.to_owned()],
            ..Self::default()
        }
    }

    /// Returns a service account with its groups.
    #[must_use]
    pub fn service_account(namespace: &str, name: &str) -> Self {
        let of_namespace = format!("system:serviceaccounts:{namespace}");
        Self::new(
            service_account_user(namespace, name),
            ["system:serviceaccounts".to_owned(), of_namespace],
        )
    }

    /// Returns the identity with the unique id `uid`.
    #[must_use]
    pub fn with_uid(mut self, uid: impl Into<String>) -> Self {
        self.uid = uid.into();
        self
    }

    /// Returns the identity with one more fact under `key`.
    #[must_use]
    pub fn with_extra(mut self, key: &str, value: impl Into<String>) -> Self {
        self.extra.entry(key.to_owned()).or_default().push(value.into());
        self
    }

    /// Returns whether authorization lets this identity do anything.
    #[must_use]
    pub fn is_master(&self) -> bool {
        self.groups.iter().any(|group| group == MASTERS)
    }

    /// Returns the `UserInfo` object of the authentication API; empty fields are left out.
    #[must_use]
    pub fn to_user_info(&self) -> Value {
        let mut info = Map::new();
        info.insert("username".to_owned(), json!(self.user));
        if !self.uid.is_empty() {
            info.insert("uid".to_owned(), json!(self.uid));
        }
        if !self.groups.is_empty() {
            info.insert("groups".to_owned(), json!(self.groups));
        }
        if !self.extra.is_empty() {
            info.insert("extra".to_owned(), json!(self.extra));
        }
        Value::Object(info)
    }
}

/// Returns the user name of a service account.
pub(crate) fn service_account_user(namespace: &str, name: &str) -> String {
    format!("{SERVICE_ACCOUNT}{namespace}:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_info_leaves_empty_fields_out() {
        assert_eq!(
            Identity::anonymous().to_user_info(),
            json!({"username": "system:anonymous", "groups": ["system:unauthenticated"]})
        );
    }

    #[test]
    fn a_service_account_is_in_the_groups_of_its_namespace() {
        let robot = Identity::service_account("a4", "sa").with_uid("u");
        assert_eq!(
            robot.to_user_info(),
            json!({
                "username": "system:serviceaccount:a4:sa",
                "uid": "u",
                "groups": ["system:serviceaccounts", "system:serviceaccounts:a4", "system:authenticated"],
            })
        );
    }
}
