//! The known issue of the running window, and who met it.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::known_issue::{IssueStatus, IssueTexts};
use crate::domain::language::{Language, Texts};
use crate::domain::report::{Contact, Source, Status};
use crate::domain::secret::{IdempotencyKey, InstanceKey};
use crate::store::known_issues::{self, Draft};
use crate::store::me_toos::{self, NewMeToo, Person};
use crate::store::people::Actor;
use crate::store::schema::{reports, windows};
use crate::store::{Result, Write};

/// How many people say "me too" without a report of their own.
const ME_TOOS: u32 = 23;

fn both(zh: &str, en: &str) -> Texts {
    Texts([(Language::ZhCn, zh.to_owned()), (Language::En, en.to_owned())].into())
}

/// Makes it, links those reports of the log-in that somebody has read, and lets people say "me too".
/// What nobody has read yet is left for whoever tries the demonstration: it is proposed as similar.
pub(super) fn write(
    write: &mut Write<'_>,
    actor: &Actor,
    window: i64,
    known: &HashMap<String, i64>,
) -> Result<()> {
    let Some(login) = known.get("login").copied() else { return Ok(()) };
    let slug: String = windows::table.find(window).select(windows::slug).first(write.connection)?;
    let draft = Draft {
        window: Some(slug),
        status: IssueStatus::Identified,
        public: true,
        texts: IssueTexts {
            title: both("扫码登录提示授权过期", "Single sign-on says the authorisation has expired"),
            body: both(
                "企业微信、钉钉扫码登录会提示“授权过期”或 `invalid_grant`。原因已查明：单点登录证书在升级时未同步更新，正在处理。",
                "Logging in by scanning with WeCom or DingTalk ends with “authorisation expired” or `invalid_grant`. The cause is known: the certificate for single sign-on was not renewed with the upgrade. We are working on it.",
            ),
            workaround: both(
                "请改用**密码登录**。忘记密码时可在登录页点击“忘记密码”重置。",
                "Please log in with your **password**. If you have forgotten it, “Forgot password” on the log-in page sets a new one.",
            ),
        },
        components: vec!["login".to_owned()],
    };
    let issue = known_issues::create(write, actor, &draft, true)?;
    let read: Vec<i64> = reports::table
        .filter(reports::window_id.eq(window))
        .filter(reports::component_id.eq(login))
        .filter(reports::status.ne(Status::New))
        .order(reports::id)
        .select(reports::id)
        .load(write.connection)?;
    known_issues::link(write, actor, issue, &read)?;
    // Nobody holds these receipts, so any key will do.
    let instance = InstanceKey::new([0x4d; 32]);
    for n in 0..ME_TOOS {
        let Ok(key) = IdempotencyKey::parse("key", &format!("demonstration-me-too-{n:04}")) else { continue };
        let language = if n % 5 == 0 { Language::En } else { Language::ZhCn };
        let new = NewMeToo { issue, contact: Contact::default(), language, source: Source::Web };
        me_toos::count(write, &instance, &Person::new(&instance, &key), &new)?;
    }
    Ok(())
}
