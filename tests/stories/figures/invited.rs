//! How many of those who were invited to a survey were told of it, and answered.

use interlude::domain::person::Role;
use interlude::domain::survey::TemplateKey;
use interlude::store::surveys::invitations::{self, Filter};
use interlude::store::windows;
use serde_json::json;

use crate::surveys::window;

story! {
    /// Whoever was invited counts, and it is said how many of them know of it.
    async fn who_was_not_told_is_said(world) {
        let id = window(world, "night", TemplateKey::Short, 1);
        let support = world.staff(Role::Support);
        let path = "/admin/surveys/night/invitations";
        support.post_form(path, &[("act", "upload"), ("list", "contact\nann@example.com")]).await.is(303);
        let viewer = world.staff(Role::Viewer);
        viewer.get("/admin/insights/night").await.is(200).says("Of 1 invited person 0 answered. None of the invited has been told of it yet.");
        let list = "contact\n1@example.com\n2@example.com\n3@example.com\n4@example.com\n5@example.com";
        support.post_form(path, &[("act", "upload"), ("list", list)]).await.is(303);
        let listed = world.read(|c| invitations::listed(c, id, Filter::All, "", i64::MAX, 100));
        let told: Vec<i64> = listed.iter().take(4).map(|l| l.invitation.id).collect();
        world.write(move |w| {
            let window = windows::by_id(w.connection, id)?;
            invitations::told(w, &window, &told, false)
        });
        let found = viewer.get_json("/api/v1/windows/night/insights").await;
        assert_eq!(found["invited"], json!({"invited": 6, "told": 4, "answered": 0}));
        assert_eq!((&found["response_rate"]["n"], &found["response_rate"]["k"]), (&json!(6), &json!(0)));
        viewer.get("/admin/insights/night").await.is(200).says("Of 6 invited people 0 answered (0.0%").says("4 of the invited have been told of it.");
        viewer.get("/admin/insights/night?lang=zh-CN").await.is(200).says("受邀 6 人，0 人作答").says("受邀者中已通知 4 人。");
        let rows = support.get("/api/v1/exports/insights.csv?window=night&bom=false").await.is(200).text();
        for row in ["survey.invited,,6", "survey.invited.told,,4", "survey.invited.answered,,0"] {
            assert!(rows.contains(row), "{row}: {rows}");
        }
    }
}
