"""Addresses of a campaign's pages, taken up by `tungnha.office.urls`."""

from django.urls import path

from tungnha.office.campaigns import calendar, calendar_settings, plans, tasks, themes, touches, views

urlpatterns = [
    path("chien-dich/", views.campaigns, name="campaigns"),
    path("chien-dich/moi/", views.new_campaign, name="campaign-new"),
    path("chien-dich/<int:campaign_id>/", plans.overview, name="campaign"),
    path("chien-dich/<int:campaign_id>/sua/", views.change_campaign, name="campaign-change"),
    path("chien-dich/<int:campaign_id>/giai-doan/", views.phases, name="phases"),
    path("giai-doan/<int:phase_id>/", views.change_phase, name="phase"),
    path("chien-dich/<int:campaign_id>/ke-hoach/", plans.new_plan, name="plan-new"),
    path("ke-hoach/<int:plan_id>/", plans.change_plan, name="plan-change"),
    path("ke-hoach/<int:plan_id>/tep/", plans.plan_file, name="plan-file"),
    path("ke-hoach/<int:plan_id>/nhiem-vu/", plans.new_tasks, name="tasks-new"),
    path("chien-dich/<int:campaign_id>/nhiem-vu/", plans.tasks, name="tasks"),
    path("chien-dich/<int:campaign_id>/tre-han/", plans.late, name="late"),
    path("chien-dich/<int:campaign_id>/co-quan/", plans.organisations, name="organisations"),
    path("nhiem-vu/<int:task_id>/", tasks.task_page, name="task"),
    path("nhiem-vu/<int:task_id>/sua/", tasks.change_task, name="task-change"),
    path("nhiem-vu/<int:task_id>/trang-thai/", tasks.move_task, name="task-move"),
    path("nhiem-vu/<int:task_id>/minh-chung/", tasks.add_evidence, name="evidence-new"),
    path("nhiem-vu/<int:task_id>/cho/", tasks.add_dependency, name="dependency-new"),
    path("minh-chung/<int:evidence_id>/tep/", tasks.evidence_file, name="evidence-file"),
    path("cho/<int:dependency_id>/bo/", tasks.remove_dependency, name="dependency-remove"),
    path("chien-dich/<int:campaign_id>/chu-de/", themes.themes, name="themes"),
    path("chien-dich/<int:campaign_id>/chu-de/moi/", themes.new_theme, name="theme-new"),
    path("chu-de/<int:theme_id>/", themes.theme_page, name="theme"),
    path("chu-de/<int:theme_id>/sua/", themes.change_theme, name="theme-change"),
    path("chu-de/<int:theme_id>/noi-dung/", themes.write_wording, name="wording-write"),
    path("noi-dung/<int:wording_id>/buoc/", themes.take_step, name="wording-step"),
    path("chien-dich/<int:campaign_id>/lich/", calendar.calendar, name="calendar"),
    path("chien-dich/<int:campaign_id>/lich/xung-dot/", calendar.conflicts, name="conflicts"),
    path("chien-dich/<int:campaign_id>/lich/moi/", touches.new_touch, name="touch-new"),
    path(
        "chien-dich/<int:campaign_id>/lich/quy-dinh/<int:unit_id>/",
        calendar_settings.slot_rules,
        name="slot-rules",
    ),
    path("chien-dich/<int:campaign_id>/lich/dang-ky/", calendar_settings.feeds, name="feeds"),
    path("lich/<int:touch_id>/", touches.touch_page, name="touch"),
    path("lich/<int:touch_id>/sua/", touches.change_touch, name="touch-change"),
    path("lich/<int:touch_id>/huy/", touches.cancel_touch, name="touch-cancel"),
    path("dang-ky-lich/<int:feed_id>/thu-hoi/", calendar_settings.revoke_feed, name="feed-revoke"),
    path("lich/<slug:token>.ics", calendar_settings.feed_file, name="feed-file"),
]
