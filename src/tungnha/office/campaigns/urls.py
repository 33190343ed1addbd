"""Addresses of a campaign's pages, taken up by `tungnha.office.urls`."""

from django.urls import path

from tungnha.office.campaigns import figures, indicators, plans, targets, tasks, views

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
    path("chien-dich/<int:campaign_id>/chi-tieu/", indicators.board, name="indicators"),
    path(
        "chien-dich/<int:campaign_id>/chi-tieu.<slug:ending>", indicators.board_file, name="indicators-file"
    ),
    path("chien-dich/<int:campaign_id>/chi-tieu/chon/", indicators.follow, name="indicators-follow"),
    path("chien-dich/<int:campaign_id>/chi-tieu/duyet/", figures.waiting, name="figures-waiting"),
    path("chien-dich/<int:campaign_id>/chi-tieu/nhap/", figures.bring_in, name="figures-import"),
    path(
        "chien-dich/<int:campaign_id>/chi-tieu/don-vi/<int:unit_id>/",
        figures.unit_page,
        name="unit-indicators",
    ),
    path("chi-tieu/<int:tracked_id>/", indicators.indicator, name="indicator"),
    path("chi-tieu/<int:tracked_id>/bang.<slug:ending>", indicators.indicator_file, name="indicator-file"),
    path("chi-tieu/<int:tracked_id>/sua/", indicators.change_followed, name="indicator-change"),
    path("chi-tieu/<int:tracked_id>/don-vi/<int:unit_id>/", figures.figure_page, name="figure"),
    path("chi-tieu/<int:tracked_id>/don-vi/<int:unit_id>/so-lieu/", figures.report, name="figure-report"),
    path("chi-tieu/<int:tracked_id>/giao/", targets.cascade, name="target-cascade"),
    path("chi-tieu/<int:tracked_id>/tien-do/", targets.stages, name="target-stages"),
    path("chi-tieu/<int:tracked_id>/chuyen-don-vi/", targets.carry_over, name="target-carry-over"),
    path("so-lieu/<int:figure_id>/duyet/", figures.decide, name="figure-decide"),
    path("bang-so-lieu/<int:table_id>/", figures.table_page, name="figure-table"),
    path("bang-so-lieu/<int:table_id>/can-sua.csv", figures.table_mend, name="figure-table-mend"),
    path("dich-vu-thiet-yeu/", indicators.essential_services, name="essential-services"),
]
