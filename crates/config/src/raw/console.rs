//! The web console, as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The web console: where it is served, who gets in, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawConsole {
    /// Address that the daemon serves the console on, e.g. `127.0.0.1:8470`; "" = no console.
    pub listen: String,
    /// Address that people type, e.g. `https://tongbao.example.test`: no other host is answered, and https makes
    /// cookies secure. Default: http on `listen`.
    pub url: String,
    /// Certificate chain as PEM, with which the console speaks TLS itself; read again when the file changes.
    pub cert_file: Option<String>,
    /// The key of the certificate as PEM.
    pub key_file: Option<String>,
    /// Permits `listen` on an address off this machine without TLS: passwords can then be read on the way.
    pub allow_plain_text: bool,
    /// A session ends when it has not been used for so long.
    pub idle: String,
    /// A session ends so long after signing in.
    pub longest: String,
    /// The password is asked for again before a sign-off when it was last given so long ago.
    pub confirm_after: String,
    /// Fewest characters of a password.
    pub password_min: usize,
    /// The person who asked for a run does not sign it off.
    pub four_eyes: bool,
    /// Roles that need a second factor: leader, clerk, unit, operator, auditor. Everybody may have one.
    pub second_factor: Vec<String>,
    /// `league`: units see the whole league table and all released documents; `own`: only their own page.
    pub units_see: RawUnitsSee,
    /// Consoles of other campaigns, which the first pages link.
    pub campaigns: Vec<RawOtherCampaign>,
    /// The proxy in front of the console.
    pub proxy: RawConsoleProxy,
}

impl Default for RawConsole {
    fn default() -> RawConsole {
        RawConsole {
            listen: String::new(),
            url: String::new(),
            cert_file: None,
            key_file: None,
            allow_plain_text: false,
            idle: "30m".into(),
            longest: "12h".into(),
            confirm_after: "15m".into(),
            password_min: 12,
            four_eyes: false,
            second_factor: Vec::new(),
            units_see: RawUnitsSee::default(),
            campaigns: Vec::new(),
            proxy: RawConsoleProxy::default(),
        }
    }
}

/// What the role `unit` sees beyond its own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawUnitsSee {
    /// The league table and all released documents.
    #[default]
    League,
    /// Its own page alone.
    Own,
}

/// The console of another campaign.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOtherCampaign {
    /// As pages name it.
    pub name: String,
    /// Its `console.url`.
    pub url: String,
}

/// The proxy in front of the console.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawConsoleProxy {
    /// Addresses and networks whose `X-Forwarded-For` is believed, e.g. `127.0.0.1`, `10.1.0.0/16`.
    pub networks: Vec<String>,
    /// Header in which these proxies name the person whom they have signed in, e.g. `X-Remote-User`; "" = none. The
    /// person needs an account here, added with `tongbao people add NAME --proxy`.
    pub user_header: String,
}
