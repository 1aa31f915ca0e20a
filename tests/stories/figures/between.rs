//! Which windows a trend shows, and which can be compared.

use interlude::domain::person::Role;
use interlude::domain::survey::TemplateKey;
use interlude::domain::window::WindowState;

use crate::insights::{answer, satisfied};
use crate::surveys::{window, window_in};

story! {
    /// Plans for a year ahead leave the windows that took place where they are, and one whose start
    /// nobody noted is one of them.
    async fn plans_hide_nothing_that_took_place(world) {
        for at in 1..=30 {
            window_in(world, &format!("plan-{at}"), TemplateKey::Full, -24 * at, WindowState::Scheduled, false);
        }
        let finished = [
            window(world, "first", TemplateKey::Full, 300),
            window_in(world, "second", TemplateKey::Full, 200, WindowState::Completed, false),
            window(world, "third", TemplateKey::Full, 100),
        ];
        for id in finished {
            answer(world, id, &[(satisfied(5, true), 8), (satisfied(2, true), 2)]);
        }
        let viewer = world.staff(Role::Viewer);
        let trend = viewer.get("/admin/plots/trend-csat.csv").await.is(200)
            .says("first").says("second").says("third").lacks("plan-");
        assert_eq!(trend.text().trim().lines().count(), 4, "{}", trend.text());
        let page = viewer.get("/admin/insights").await.is(200).says("From window to window").text();
        let offered: Vec<&str> = page.split("<select name=\"windows\" id=\"base\">").nth(1).unwrap()
            .split("</select>").next().unwrap().split("value=\"").skip(1).map(|o| o.split('"').next().unwrap()).collect();
        assert_eq!(offered, ["third", "second", "first"]);
        viewer.get("/admin/insights?windows=first,second").await.is(200).says("Nobody can tell");
    }

    /// However many have taken place, each of them can be compared with any other.
    async fn every_window_that_took_place_is_offered(world) {
        for at in 1..=26 {
            window(world, &format!("w-{at}"), TemplateKey::Full, 24 * at);
        }
        let viewer = world.staff(Role::Viewer);
        viewer.get("/admin/insights").await.is(200).says("<option value=\"w-26\"");
        viewer.get("/admin/insights?windows=w-26,w-1").await.is(200).says("<option value=\"w-25\"");
    }
}
