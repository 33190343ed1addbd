"""Addresses of a campaign's pages, taken up by `tungnha.office.urls`."""

from django.urls import path

from tungnha.office.campaigns import campaign_file, plans, tasks, views

urlpatterns = [
    path("chien-dich/", views.campaigns, name="campaigns"),
    path("chien-dich/moi/", views.new_campaign, name="campaign-new"),
    path("chien-dich/tu-tep/", campaign_file.import_campaign, name="campaign-import"),
    path("chien-dich/<int:campaign_id>/tep/", campaign_file.campaign_file, name="campaign-file"),
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
]
