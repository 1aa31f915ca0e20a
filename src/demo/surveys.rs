//! Surveys of the demonstration: a template that was made here, and people who were invited.

use super::script::mistake;
use crate::domain::language::Language;
use crate::domain::survey::invited::Row;
use crate::domain::survey::{TemplateInput, TemplateKey};
use crate::store::people::Actor;
use crate::store::surveys::{self, invitations};
use crate::store::windows::by_id;
use crate::store::{Result, Write, instance};

/// What the template of the demonstration is called.
const TEMPLATE: &str = "demo-month-end";

/// How many of the list's people were told.
const TOLD: usize = 10;

/// Adds the template that the coming window asks, unless somebody has one of this name.
pub(super) fn template(write: &mut Write<'_>, actor: &Actor) -> Result<()> {
    let key = TemplateKey::Made(TEMPLATE.to_owned());
    if surveys::exists(write.connection, &key)? {
        return Ok(());
    }
    let input: TemplateInput =
        serde_json::from_str(include_str!("survey.json")).map_err(|e| mistake(&e.to_string()))?;
    surveys::create(write, actor, &key, &input, true)?;
    Ok(())
}

/// Invites those who reported something of the window, and the people of a list.
pub(super) fn invite(write: &mut Write<'_>, actor: &Actor, window: i64) -> Result<()> {
    let key = instance::key_in(write)?;
    let window = by_id(write.connection, window)?;
    // Names as everybody has them, at addresses that nobody can have.
    let people = [
        ("王芳", "wang.fang"),
        ("李伟", "li.wei"),
        ("张敏", "zhang.min"),
        ("刘洋", "liu.yang"),
        ("陈静", "chen.jing"),
        ("杨帆", "yang.fan"),
        ("赵磊", "zhao.lei"),
        ("黄丽", "huang.li"),
        ("周强", "zhou.qiang"),
        ("吴娜", "wu.na"),
        ("Emma Brown", "emma.brown"),
        ("James Smith", "james.smith"),
        ("孙涛", "sun.tao"),
        ("朱婷", "zhu.ting"),
    ];
    let rows: Vec<Row> = people
        .iter()
        .map(|(name, local)| Row {
            name: (*name).to_owned(),
            contact: format!("{local}@example.com"),
            language: if name.is_ascii() { Language::En } else { Language::ZhCn },
        })
        .collect();
    invitations::upload(write, actor, &key, &window, &rows)?;
    invitations::demonstrate(write, window.id)?;
    let listed =
        invitations::listed(write.connection, window.id, invitations::Filter::All, "", i64::MAX, 1_000)?;
    let told: Vec<i64> = listed.iter().rev().take(TOLD).map(|l| l.invitation.id).collect();
    invitations::told(write, &window, &told, false)
}
