//! Which template becomes which file.

/// A template and the path of the file it becomes; both may have placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// The path in the project, itself a template.
    pub path: &'static str,
    /// The template's path below `files/`.
    pub template: &'static str,
    /// Who changes the file after it was scaffolded.
    pub owner: Owner,
}

/// Who changes a file after it was scaffolded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The user: the tool never replaces it, and edits only single lines.
    User,
    /// The tool: the first rendering only stands in until the manifests are generated.
    Tool,
}

const fn user(path: &'static str, template: &'static str) -> File {
    File {
        path,
        template,
        owner: Owner::User,
    }
}

const fn tool(path: &'static str, template: &'static str) -> File {
    File {
        path,
        template,
        owner: Owner::Tool,
    }
}

/// The files of a project without any API.
pub const PROJECT: &[File] = &[
    user("krate.toml", "project/krate.toml.hbs"),
    user("Cargo.toml", "project/Cargo.toml.hbs"),
    user("README.md", "project/README.md.hbs"),
    user("AGENTS.md", "project/AGENTS.md.hbs"),
    user("Dockerfile", "project/Dockerfile.hbs"),
    user(".dockerignore", "project/dockerignore.hbs"),
    user(".gitignore", "project/gitignore.hbs"),
    user("deny.toml", "project/deny.toml.hbs"),
    user("src/main.rs", "project/src/main.rs.hbs"),
    user("src/lib.rs", "project/src/lib.rs.hbs"),
    user("src/api/mod.rs", "project/src/api.rs.hbs"),
    user("src/controller/mod.rs", "project/src/controller.rs.hbs"),
    user(
        "config/default/kustomization.yaml",
        "project/config/default/kustomization.yaml.hbs",
    ),
    user(
        "config/manager/kustomization.yaml",
        "project/config/manager/kustomization.yaml.hbs",
    ),
    user(
        "config/manager/manager.yaml",
        "project/config/manager/manager.yaml.hbs",
    ),
    user(
        "config/rbac/kustomization.yaml",
        "project/config/rbac/kustomization.yaml.hbs",
    ),
    user(
        "config/rbac/service_account.yaml",
        "project/config/rbac/service_account.yaml.hbs",
    ),
    tool("config/rbac/role.yaml", "project/config/rbac/role.yaml.hbs"),
    user(
        "config/rbac/role_binding.yaml",
        "project/config/rbac/role_binding.yaml.hbs",
    ),
    user(
        "config/rbac/leader_election_role.yaml",
        "project/config/rbac/leader_election_role.yaml.hbs",
    ),
    user(
        "config/rbac/leader_election_role_binding.yaml",
        "project/config/rbac/leader_election_role_binding.yaml.hbs",
    ),
    user(
        "config/rbac/metrics_auth_role.yaml",
        "project/config/rbac/metrics_auth_role.yaml.hbs",
    ),
    user(
        "config/rbac/metrics_auth_role_binding.yaml",
        "project/config/rbac/metrics_auth_role_binding.yaml.hbs",
    ),
    user(
        "config/rbac/metrics_reader_role.yaml",
        "project/config/rbac/metrics_reader_role.yaml.hbs",
    ),
    user(
        "config/default/metrics_service.yaml",
        "project/config/default/metrics_service.yaml.hbs",
    ),
    user(
        "config/prometheus/kustomization.yaml",
        "project/config/prometheus/kustomization.yaml.hbs",
    ),
    user(
        "config/prometheus/monitor.yaml",
        "project/config/prometheus/monitor.yaml.hbs",
    ),
    user(
        "config/network-policy/kustomization.yaml",
        "project/config/network-policy/kustomization.yaml.hbs",
    ),
    user(
        "config/network-policy/allow-metrics-traffic.yaml",
        "project/config/network-policy/allow-metrics-traffic.yaml.hbs",
    ),
    user(
        "config/network-policy/allow-webhook-traffic.yaml",
        "project/config/network-policy/allow-webhook-traffic.yaml.hbs",
    ),
    user(".github/workflows/lint.yml", "project/github/lint.yml.hbs"),
    user(".github/workflows/test.yml", "project/github/test.yml.hbs"),
];

/// The files every API brings, with or without a workload.
pub const API: &[File] = &[
    user("src/api/{{version}}/mod.rs", "api/src/version.rs.hbs"),
    user("config/samples/kustomization.yaml", "api/config/samples.yaml.hbs"),
];

/// The files of an API whose reconciler is the user's to write.
pub const CONTROLLER: &[File] = &[
    user("src/api/{{version}}/{{module}}.rs", "api/src/kind.rs.hbs"),
    user("src/controller/{{module}}.rs", "api/src/controller.rs.hbs"),
    user("tests/{{module}}.rs", "api/src/test.rs.hbs"),
    user(
        "config/samples/{{group}}_{{version}}_{{module}}.yaml",
        "api/config/sample.yaml.hbs",
    ),
];

/// The files of an API whose reconciler runs an image as Deployment and Service.
pub const WORKLOAD: &[File] = &[
    user("src/api/{{version}}/{{module}}.rs", "workload/kind.rs.hbs"),
    user("src/controller/{{module}}.rs", "workload/controller.rs.hbs"),
    user("tests/{{module}}.rs", "workload/test.rs.hbs"),
    user(
        "config/samples/{{group}}_{{version}}_{{module}}.yaml",
        "workload/sample.yaml.hbs",
    ),
];

/// The files of a further version of a kind, beside its types.
pub const VERSION: &[File] = &[
    user("src/api/{{version}}/mod.rs", "api/src/version.rs.hbs"),
    user("src/webhook/mod.rs", "version/src/webhook.rs.hbs"),
    user("src/webhook/{{module}}.rs", "version/src/versions.rs.hbs"),
    user("tests/{{module}}_{{version}}.rs", "version/src/test.rs.hbs"),
];

/// The list of generated CRDs, written with the first of them.
pub const CRD_LIST: File = user("config/crd/kustomization.yaml", "api/config/crds.yaml.hbs");

/// The list of generated webhook manifests, written with the first of them.
pub const WEBHOOK_LIST: File = user(
    "config/webhook/kustomization.yaml",
    "api/config/webhooks.yaml.hbs",
);

/// What kustomize has to know about definitions that are converted.
pub const CRD_NAMES: File = user("config/crd/kustomizeconfig.yaml", "api/config/crd_names.yaml.hbs");

/// What gives the operator the role for its own namespace, written with the first such role.
pub const OWN_ROLE_BINDING: File = user(
    "config/rbac/own_role_binding.yaml",
    "api/config/own_role_binding.yaml.hbs",
);

/// What an operator that works in some namespaces has beside what is in its own.
pub const NAMESPACES: &[File] = &[
    tool(
        "config/namespaces/kustomization.yaml",
        "namespaces/kustomization.yaml.hbs",
    ),
    tool(
        "config/namespaces/role_binding.yaml",
        "namespaces/role_binding.yaml.hbs",
    ),
];

/// All sets.
pub const SETS: [&[File]; 7] = [
    PROJECT,
    API,
    CONTROLLER,
    WORKLOAD,
    VERSION,
    NAMESPACES,
    &[CRD_LIST, WEBHOOK_LIST, CRD_NAMES, OWN_ROLE_BINDING],
];
