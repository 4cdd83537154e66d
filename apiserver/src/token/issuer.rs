//! Issues service account tokens and checks them.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::claims::{Claims, Private, Reference};
use super::signer::Signer;
use crate::authn::{Identity, Verified, service_account_user};
use crate::environment::Environment;
use crate::object::{Meta, ObjectRef};
use crate::status::{Error, Result};

/// Issuer and default audience of all tokens.
const ISSUER: &str = "https://kubernetes.default.svc";

/// Finds a stored object of the core group: called with plural resource (`serviceaccounts`, `pods`, `secrets`,
/// `nodes`), namespace and name.
pub type Lookup<'a> = dyn Fn(&str, &str, &str) -> Option<ObjectRef> + 'a;

/// Issues tokens and verifies its own.
#[derive(Debug)]
pub struct Issuer {
    environment: Environment,
    signer: Signer,
}

/// What a token is wanted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Namespace of the account.
    pub namespace: String,
    /// Name of the account.
    pub name: String,
    /// Uid of the account.
    pub uid: String,
    /// Who may accept the token; empty means the server.
    pub audiences: Vec<String>,
    /// How long it is valid.
    pub lifetime: Duration,
    /// Object whose end is the token's end: `Pod`, `Secret` or `Node`, with name and uid.
    pub bound: Option<(Bound, Reference)>,
    /// Node of the pod the token is bound to; told to whom the token is shown, but its end is not the token's.
    pub node: Option<Reference>,
}

/// Kinds of objects a token can be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A pod.
    Pod,
    /// A secret.
    Secret,
    /// A node.
    Node,
}

/// A signed token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token itself.
    pub token: String,
    /// Who may accept it.
    pub audiences: Vec<String>,
    /// When it stops being valid.
    pub expires: Timestamp,
}

/// Why a token is not accepted; never shown to who presents it, only to who reviews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(Option<String>);

impl Refusal {
    /// Returns the refusal of a token nobody here issued.
    #[must_use]
    pub fn unknown() -> Self {
        Self(None)
    }

    fn because(why: impl Into<String>) -> Self {
        Self(Some(why.into()))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("invalid bearer token"),
            Some(why) => write!(f, "[invalid bearer token, {why}]"),
        }
    }
}

impl Issuer {
    /// Returns an issuer with a key of its own, on the clock of `environment`.
    ///
    /// # Errors
    ///
    /// 500 if the machine yields no entropy.
    pub fn new(environment: Environment) -> Result<Self> {
        let signer = Signer::generate().map_err(|_| Error::internal("no entropy for the token key"))?;
        Ok(Self { environment, signer })
    }

    /// Returns the URL that names the issuer; it is also the audience of the server itself.
    #[must_use]
    pub fn url(&self) -> &'static str {
        ISSUER
    }

    /// Returns a new token.
    ///
    /// # Errors
    ///
    /// 500 if it cannot be signed, which needs entropy too.
    pub fn issue(&self, request: &Request) -> Result<Token> {
        let claims = self.claims(request);
        let token = self
            .signer
            .sign(&json!(claims))
            .map_err(|_| Error::internal("no entropy to sign a token"))?;
        let expires = Timestamp::from_second(claims.exp).map_err(Error::internal)?;
        Ok(Token {
            token,
            audiences: claims.aud,
            expires,
        })
    }

    fn claims(&self, request: &Request) -> Claims {
        let now = self.environment.now().as_second();
        let bound = |kind: Bound| {
            let (of, reference) = request.bound.as_ref()?;
            (*of == kind).then(|| reference.clone())
        };
        Claims {
            aud: if request.audiences.is_empty() {
                vec![ISSUER.to_owned()]
            } else {
                request.audiences.clone()
            },
            exp: now.saturating_add(i64::try_from(request.lifetime.as_secs()).unwrap_or(i64::MAX)),
            iat: now,
            iss: ISSUER.to_owned(),
            jti: self.environment.uid(),
            kubernetes: Private {
                namespace: request.namespace.clone(),
                node: bound(Bound::Node).or_else(|| request.node.clone()),
                pod: bound(Bound::Pod),
                secret: bound(Bound::Secret),
                serviceaccount: Reference {
                    name: request.name.clone(),
                    uid: request.uid.clone(),
                },
            },
            nbf: now,
            sub: service_account_user(&request.namespace, &request.name),
        }
    }

    /// Returns whose token this is and which of the audiences `wanted` it is for; none wanted means the server.
    ///
    /// # Errors
    ///
    /// Says why the token is refused: not ours, out of time, for somebody else, or its account is gone.
    pub fn verify(&self, token: &str, wanted: &[String], lookup: &Lookup<'_>) -> Result<Verified, Refusal> {
        let claims = self.signer.open(token).ok_or_else(Refusal::unknown)?;
        let claims: Claims = serde_json::from_value(claims).map_err(|_| Refusal::unknown())?;
        let audiences = claims.accepted_by(wanted)?;
        claims.check_time(self.environment.now().as_second())?;
        claims.check_objects(lookup)?;
        let identity = claims.identity();
        Ok(Verified { identity, audiences })
    }

    /// Returns the public key as a JSON web key set, what `/openid/v1/jwks` serves.
    #[must_use]
    pub fn key_set(&self) -> Value {
        self.signer.key_set()
    }

    /// Returns what `/.well-known/openid-configuration` serves; `server` is the URL clients reach the server by.
    #[must_use]
    pub fn configuration(&self, server: &str) -> Value {
        json!({
            "issuer": ISSUER,
            "jwks_uri": format!("{}/openid/v1/jwks", server.trim_end_matches('/')),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
    }
}

impl Claims {
    /// Returns the wanted audiences the token is for.
    fn accepted_by(&self, wanted: &[String]) -> Result<Vec<String>, Refusal> {
        let own = [ISSUER.to_owned()];
        let wanted = if wanted.is_empty() { &own[..] } else { wanted };
        let both: Vec<String> = wanted
            .iter()
            .filter(|audience| self.aud.contains(audience))
            .cloned()
            .collect();
        if both.is_empty() {
            return Err(Refusal::because(format!(
                "token audiences {} is invalid for the target audiences {}",
                quoted(&self.aud),
                quoted(wanted),
            )));
        }
        Ok(both)
    }

    fn check_time(&self, now: i64) -> Result<(), Refusal> {
        if now > self.exp {
            return Err(Refusal::because("service account token has expired"));
        }
        if now < self.nbf {
            return Err(Refusal::because("service account token is not valid yet"));
        }
        Ok(())
    }

    fn check_objects(&self, lookup: &Lookup<'_>) -> Result<(), Refusal> {
        let inside = self.kubernetes.namespace.as_str();
        // The node of a bound pod is a fact about the pod, not what the token hangs on.
        let node = self
            .kubernetes
            .node
            .as_ref()
            .filter(|_| self.kubernetes.pod.is_none());
        let objects = [
            ("serviceaccounts", inside, Some(&self.kubernetes.serviceaccount)),
            ("pods", inside, self.kubernetes.pod.as_ref()),
            ("secrets", inside, self.kubernetes.secret.as_ref()),
            ("nodes", "", node),
        ];
        for (resource, namespace, reference) in objects {
            if let Some(reference) = reference {
                check_object(resource, namespace, reference, lookup)?;
            }
        }
        Ok(())
    }

    fn identity(&self) -> Identity {
        const PREFIX: &str = "authentication.kubernetes.io";
        let account = &self.kubernetes.serviceaccount;
        let mut identity = Identity::service_account(&self.kubernetes.namespace, &account.name)
            .with_uid(&account.uid)
            .with_extra(&format!("{PREFIX}/credential-id"), format!("JTI={}", self.jti));
        for (kind, reference) in [("pod", &self.kubernetes.pod), ("node", &self.kubernetes.node)] {
            if let Some(Reference { name, uid }) = reference {
                identity = identity
                    .with_extra(&format!("{PREFIX}/{kind}-name"), name)
                    .with_extra(&format!("{PREFIX}/{kind}-uid"), uid);
            }
        }
        identity
    }
}

fn check_object(
    resource: &str,
    namespace: &str,
    reference: &Reference,
    lookup: &Lookup<'_>,
) -> Result<(), Refusal> {
    let name = &reference.name;
    match lookup(resource, namespace, name) {
        None => Err(Refusal::because(format!("{resource} {name:?} not found"))),
        Some(found) if found.uid() != reference.uid => Err(Refusal::because(format!(
            "the UID in the token does not match {resource} {name:?}"
        ))),
        Some(_) => Ok(()),
    }
}

/// Writes a list as Go prints quoted strings.
fn quoted(list: &[String]) -> String {
    let quoted: Vec<String> = list.iter().map(|one| format!("{one:?}")).collect();
    format!("[{}]", quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::object::Object;

    fn issuer() -> Issuer {
        Issuer::new(Environment::seeded(Timestamp::UNIX_EPOCH, 1)).unwrap()
    }

    fn request() -> Request {
        Request {
            namespace: "a4".to_owned(),
            name: "sa".to_owned(),
            uid: "u1".to_owned(),
            audiences: Vec::new(),
            lifetime: Duration::from_secs(600),
            bound: None,
            node: None,
        }
    }

    fn known(resource: &str, namespace: &str, name: &str) -> Option<ObjectRef> {
        match (resource, namespace, name) {
            ("serviceaccounts", "a4", "sa") => Some(with_uid("u1")),
            ("pods", "a4", "p") => Some(with_uid("p1")),
            _ => None,
        }
    }

    fn with_uid(uid: &str) -> ObjectRef {
        Arc::new(Object::new(json!({"metadata": {"uid": uid}}), 1))
    }

    fn verify(
        issuer: &Issuer,
        request: &Request,
        wanted: &[&str],
        lookup: &Lookup<'_>,
    ) -> Result<Verified, String> {
        let wanted: Vec<String> = wanted.iter().map(|one| (*one).to_owned()).collect();
        let token = issuer.issue(request).unwrap().token;
        issuer
            .verify(&token, &wanted, lookup)
            .map_err(|refusal| refusal.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_stands_for_its_account() {
        let verified = verify(&issuer(), &request(), &[], &known).unwrap();
        assert_eq!(verified.audiences, [ISSUER]);
        assert_eq!(verified.identity.user, "system:serviceaccount:a4:sa");
        assert_eq!(verified.identity.uid, "u1");
        let credential = &verified.identity.extra["authentication.kubernetes.io/credential-id"];
        assert!(credential[0].starts_with("JTI="), "{credential:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_says_what_the_real_one_says() {
        let issuer = issuer();
        let claims = json!(issuer.claims(&request()));
        let jti = claims["jti"].clone();
        assert_eq!(
            claims,
            json!({
                "aud": [ISSUER], "exp": 600, "iat": 0, "iss": ISSUER, "jti": jti,
                "kubernetes.io": {"namespace": "a4", "serviceaccount": {"name": "sa", "uid": "u1"}},
                "nbf": 0, "sub": "system:serviceaccount:a4:sa",
            })
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_ends_with_its_time() {
        let issuer = issuer();
        let token = issuer.issue(&request()).unwrap().token;
        let check = |expected: Result<(), &str>| {
            let found = issuer.verify(&token, &[], &known).map(drop);
            assert_eq!(
                found.map_err(|refusal| refusal.to_string()),
                expected.map_err(str::to_owned)
            );
        };
        tokio::time::advance(Duration::from_secs(600)).await;
        check(Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        check(Err("[invalid bearer token, service account token has expired]"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_ends_with_its_account_or_pod() {
        let check = |request: &Request, lookup: &Lookup<'_>, why: &str| {
            let refusal = verify(&issuer(), request, &[], lookup).unwrap_err();
            assert_eq!(refusal, format!("[invalid bearer token, {why}]"));
        };
        check(&request(), &|_, _, _| None, r#"serviceaccounts "sa" not found"#);
        check(
            &request(),
            &|_, _, _| Some(with_uid("u2")),
            r#"the UID in the token does not match serviceaccounts "sa""#,
        );
        let pod = |name: &str| Reference {
            name: name.to_owned(),
            uid: "p1".to_owned(),
        };
        let bound_to = |name| Request {
            bound: Some((Bound::Pod, pod(name))),
            ..request()
        };
        check(&bound_to("q"), &known, r#"pods "q" not found"#);
        let verified = verify(&issuer(), &bound_to("p"), &[], &known).unwrap();
        let extra = &verified.identity.extra;
        assert_eq!(extra["authentication.kubernetes.io/pod-name"], ["p"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_for_somebody_else_is_refused() {
        let foreign = Request {
            audiences: vec!["x".to_owned()],
            ..request()
        };
        assert_eq!(
            verify(&issuer(), &foreign, &[], &known).unwrap_err(),
            r#"[invalid bearer token, token audiences ["x"] is invalid for the target audiences ["https://kubernetes.default.svc"]]"#
        );
        let verified = verify(&issuer(), &foreign, &["x", "y"], &known).unwrap();
        assert_eq!(verified.audiences, ["x"]);
    }
}
