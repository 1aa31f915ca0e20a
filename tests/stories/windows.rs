//! Maintenance windows: written, published, worked through, read.

mod api;
mod clock;
mod editor;
mod pages;

use interlude::domain::instant::Instant;
use interlude::domain::language::{Language, Texts};
use interlude::domain::person::Role;
use interlude::domain::window::ComponentKey;
use interlude::store::components;
use interlude::store::people::Actor as StoreActor;
use serde_json::{Value, json};

use crate::support::{Actor, World};

/// Adds a component with a name in both languages.
pub fn component(world: &World, key: &str, zh: &str, en: &str) {
    let key = ComponentKey::parse("key", key).unwrap();
    let name = Texts([(Language::ZhCn, zh.to_owned()), (Language::En, en.to_owned())].into());
    world.write(move |w| components::add(w, &StoreActor::CommandLine, &key, &name, false).map(drop));
}

/// A moment this many hours from now, as the API takes it.
pub fn hours_from_now(hours: i64) -> String {
    Instant::now().plus_hours(hours).rfc3339()
}

/// A window that affects `login` and `export` and lies some hours from now.
pub fn planned(start: i64, end: i64) -> Value {
    json!({
        "slug": "core-upgrade",
        "title": {"zh-CN": "财务核心升级", "en": "Finance core upgrade"},
        "body": {"zh-CN": "更换**数据库**。", "en": "The **database** is replaced."},
        "audience": {"zh-CN": "所有财务人员", "en": "Everybody in finance"},
        "advice": {"zh-CN": "请先保存草稿", "en": "Please save your drafts"},
        "backup_statement": {"zh-CN": "已完整备份", "en": "Fully backed up"},
        "scheduled_start": hours_from_now(start), "scheduled_end": hours_from_now(end),
        "time_zone": "Asia/Shanghai",
        "support": {"contacts": [{"kind": "phone", "label": "值班电话", "value": "400-820-0000"}]},
        "components": [
            {"key": "login", "impact": "major_outage"},
            {"key": "export", "impact": "degraded"},
        ],
    })
}

/// A program that may operate, in a world with the components `login` and `export`.
pub fn operator(world: &World) -> Actor {
    component(world, "login", "登录", "Log-in");
    component(world, "export", "报表导出", "Statements and export");
    world.program(Role::Operator)
}

/// The window above, published.
pub async fn published(world: &World, start: i64, end: i64) -> Actor {
    let operator = operator(world);
    let mut window = planned(start, end);
    window["state"] = json!("scheduled");
    operator.post_json("/api/v1/windows", window).await.is(201);
    operator
}

/// The same, started.
pub async fn running(world: &World) -> Actor {
    let operator = published(world, 0, 8).await;
    operator.patch_json("/api/v1/windows/core-upgrade", json!({"state": "in_progress"})).await.is(200);
    operator
}
