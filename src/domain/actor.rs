//! Who is asking: a member of the public, staff, the holder of an agency's link, another system,
//! a job or the operator. Must not know what any of them may do (`permission` does).

use serde::{Deserialize, Serialize};

use super::code::coded;

coded! {
    /// What a person with an account does in child death review (`process.md`, section 3).
    pub enum Role {
        /// Child death overview panel manager, coordinator or administrator.
        Coordinator = "coordinator", "Coordinator";
        DesignatedDoctor = "designated_doctor", "Designated doctor for child deaths";
        JarLead = "jar_lead", "Lead health professional, joint agency response";
        KeyWorker = "key_worker", "Key worker";
        CdrmChair = "cdrm_chair", "Child death review meeting chair";
        AgencyLead = "agency_lead", "Agency lead";
        Respondent = "respondent", "Agency respondent";
        PanelMember = "panel_member", "Panel member";
        PanelChair = "panel_chair", "Panel chair";
        Executive = "executive", "Child death review partners' executive";
        Analyst = "analyst", "Public health analyst";
        Auditor = "auditor", "Auditor";
        Administrator = "administrator", "System administrator";
    }
}

coded! {
    /// What another system's token lets it do (`contracts.md`, JSON).
    pub enum ApiScope {
        NotificationsWrite = "notifications:write", "Send notifications";
        CasesRead = "cases:read", "Read the status of cases";
        ReturnsRead = "returns:read", "Read return packages";
        ReferenceRead = "reference:read", "Read reference data";
    }
}

coded! {
    /// Why a token was refused.
    pub enum TokenFault {
        Forged = "forged", "was not made by this service, or for something else";
        OutOfTime = "out_of_time", "has run out or does not hold yet";
        Revoked = "revoked", "was revoked";
    }
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor {
    /// What kind of asker this is, with what is known of it.
    pub kind: ActorKind,
}

/// The kinds of asker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActorKind {
    /// A notifier, without an account.
    Public,
    /// A person with an account.
    Staff {
        user_id: String,
        name: String,
        role: Role,
        /// Code of the organisation the person works for.
        organisation: Option<String>,
    },
    /// Whoever holds an agency's link to one request.
    Link { request_id: String },
    /// Another system with a bearer token.
    System { name: String, scopes: Vec<ApiScope> },
    /// Work done without a person.
    Job { name: String },
    /// Whoever runs the command line.
    Operator,
}

impl Actor {
    /// A notifier, without an account.
    pub const fn public() -> Self {
        Self {
            kind: ActorKind::Public,
        }
    }

    /// A person with an account.
    pub fn staff(user_id: &str, name: &str, role: Role, organisation: Option<&str>) -> Self {
        let kind = ActorKind::Staff {
            user_id: user_id.to_owned(),
            name: name.to_owned(),
            role,
            organisation: organisation.map(str::to_owned),
        };
        Self { kind }
    }

    /// The holder of the link to one request.
    pub fn link(request_id: &str) -> Self {
        Self {
            kind: ActorKind::Link {
                request_id: request_id.to_owned(),
            },
        }
    }

    /// Another system, with what its token allows.
    pub fn system(name: &str, scopes: &[ApiScope]) -> Self {
        Self {
            kind: ActorKind::System {
                name: name.to_owned(),
                scopes: scopes.to_vec(),
            },
        }
    }

    /// A job that runs without a person.
    pub fn job(name: &str) -> Self {
        Self {
            kind: ActorKind::Job {
                name: name.to_owned(),
            },
        }
    }

    /// Whoever runs the command line.
    pub const fn operator() -> Self {
        Self {
            kind: ActorKind::Operator,
        }
    }

    /// The role of a person with an account.
    pub const fn role(&self) -> Option<Role> {
        match &self.kind {
            ActorKind::Staff { role, .. } => Some(*role),
            _ => None,
        }
    }

    /// The account of a person with one.
    pub fn user_id(&self) -> Option<&str> {
        match &self.kind {
            ActorKind::Staff { user_id, .. } => Some(user_id),
            _ => None,
        }
    }

    /// The organisation of a person with an account.
    pub fn organisation(&self) -> Option<&str> {
        match &self.kind {
            ActorKind::Staff { organisation, .. } => organisation.as_deref(),
            _ => None,
        }
    }

    /// The request an agency's link opens.
    pub fn request_id(&self) -> Option<&str> {
        match &self.kind {
            ActorKind::Link { request_id } => Some(request_id),
            _ => None,
        }
    }

    /// A stable name for the audit trail, such as `user:…`, `link:…` or `job:mail`.
    pub fn id(&self) -> String {
        match &self.kind {
            ActorKind::Public => "public".to_owned(),
            ActorKind::Staff { user_id, .. } => format!("user:{user_id}"),
            ActorKind::Link { request_id } => format!("link:{request_id}"),
            ActorKind::System { name, .. } => format!("system:{name}"),
            ActorKind::Job { name } => format!("job:{name}"),
            ActorKind::Operator => "operator".to_owned(),
        }
    }

    /// Who it was, as the timeline says it.
    pub fn label(&self) -> String {
        match &self.kind {
            ActorKind::Public => "The notifier".to_owned(),
            ActorKind::Staff { name, role, .. } => format!("{name}, {}", lower_first(role.label())),
            ActorKind::Link { .. } => "The agency".to_owned(),
            ActorKind::System { name, .. } => format!("{name} (another system)"),
            ActorKind::Job { .. } => "The system".to_owned(),
            ActorKind::Operator => "The operator".to_owned(),
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_those_of_the_contract() {
        let codes: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        assert_eq!(
            codes.join(" "),
            "coordinator designated_doctor jar_lead key_worker cdrm_chair agency_lead respondent \
             panel_member panel_chair executive analyst auditor administrator"
        );
    }

    #[test]
    fn a_code_reads_back_and_an_unknown_one_says_what_would_be_right() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
        let fault = "boss".parse::<Role>().unwrap_err().to_string();
        assert!(fault.starts_with("must be one of coordinator, "), "{fault}");
        assert!(!fault.contains("boss"));
    }

    #[test]
    fn an_actor_survives_json() {
        let actors = [
            Actor::public(),
            Actor::staff("u1", "Sample Coordinator", Role::Coordinator, Some("QKS")),
            Actor::link("r1"),
            Actor::system("sample", &[ApiScope::NotificationsWrite]),
            Actor::job("mail"),
            Actor::operator(),
        ];
        for actor in actors {
            let text = serde_json::to_string(&actor).unwrap();
            assert_eq!(serde_json::from_str::<Actor>(&text).unwrap(), actor);
            assert!(!actor.label().is_empty());
        }
    }
}
