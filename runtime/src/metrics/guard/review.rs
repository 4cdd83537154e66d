//! The two questions, as requests.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec};
use k8s_openapi::api::authorization::v1::{
    NonResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::api::PostParams;
use kube::{Api, Client};
use tokio::time::{sleep, timeout};

use crate::environment::Environment;
use crate::{Error, Result};

/// How long the API server has for an answer, attempts and pauses together.
const ANSWER: Duration = Duration::from_secs(10);
/// How often a question is asked that gets no answer, and the first pause between two attempts.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// Who somebody is, as the API server knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: Option<String>,
    pub(super) groups: Vec<String>,
    pub(super) extra: BTreeMap<String, Vec<String>>,
}

/// Whose the token is, `None` if nobody's.
pub(super) async fn owner(client: &Client, environment: &Environment, token: &str) -> Result<Option<User>> {
    let review = TokenReview {
        spec: TokenReviewSpec {
            token: token.to_owned(),
            audiences: None,
        },
        ..TokenReview::default()
    };
    let reviews = Api::<TokenReview>::all(client.clone());
    let params = PostParams::default();
    let answer = ask(environment, || reviews.create(&params, &review)).await?;
    let status = answer.status.unwrap_or_default();
    if status.authenticated != Some(true) {
        return Ok(None);
    }
    let user = status.user.unwrap_or_default();
    Ok(Some(User {
        name: user.username.unwrap_or_default(),
        uid: user.uid,
        groups: user.groups.unwrap_or_default(),
        extra: user.extra.unwrap_or_default(),
    }))
}

/// Whether a user may do that with a path.
pub(super) async fn may(
    client: &Client,
    environment: &Environment,
    user: &User,
    verb: &str,
    path: &str,
) -> Result<bool> {
    let review = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: Some(user.name.clone()),
            uid: user.uid.clone(),
            groups: Some(user.groups.clone()),
            extra: Some(user.extra.clone()),
            non_resource_attributes: Some(NonResourceAttributes {
                path: Some(path.to_owned()),
                verb: Some(verb.to_owned()),
            }),
            resource_attributes: None,
        },
        ..SubjectAccessReview::default()
    };
    let reviews = Api::<SubjectAccessReview>::all(client.clone());
    let params = PostParams::default();
    let answer = ask(environment, || reviews.create(&params, &review)).await?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}

/// Asks until there is an answer: a server that is busy is asked again, one that refuses is not.
async fn ask<T, F>(environment: &Environment, question: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = kube::Result<T>>,
{
    let attempts = async {
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match question().await {
                Err(error) if is_passing(&error) => {}
                answer => return answer,
            }
            // A fifth more or less, so that replicas do not ask in step.
            let tenths = 8 + u32::try_from(environment.random() % 5).unwrap_or(2);
            sleep(pause * tenths / 10).await;
            pause = pause * 3 / 2;
        }
        question().await
    };
    match timeout(ANSWER, attempts).await {
        Ok(answer) => answer.map_err(Error::from),
        Err(elapsed) => Err(elapsed.into()),
    }
}

fn is_passing(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => status.code == 429 || status.code >= 500,
        _ => true,
    }
}
