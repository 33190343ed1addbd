"""Addresses of a campaign's pages, taken up by `tungnha.office.urls`."""

from django.urls import path

from tungnha.office.campaigns import campaign_file, pilot, plans, replications, tasks, views

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
    path("chien-dich/<int:campaign_id>/nhan-rong/", pilot.pilot, name="pilot"),
    path("chien-dich/<int:campaign_id>/thong-so/", pilot.new_parameter, name="parameter-new"),
    path("thong-so/<int:parameter_id>/bo/", pilot.remove_parameter, name="parameter-remove"),
    path("chien-dich/<int:campaign_id>/khung-ca/", pilot.new_roster, name="roster-new"),
    path("khung-ca/<int:roster_id>/bo/", pilot.remove_roster, name="roster-remove"),
    path("chien-dich/<int:campaign_id>/mau/", pilot.new_template, name="template-new"),
    path("mau/<int:template_id>/tep/", pilot.template_file, name="template-file"),
    path("mau/<int:template_id>/nhan-rong/", pilot.new_replication, name="replication-new"),
    path("nhan-rong/<int:replication_id>/", replications.replication_page, name="replication"),
    path("nhan-rong/<int:replication_id>/thu-tu/", replications.choose_order, name="replication-order"),
    path("nhan-rong/<int:replication_id>/bat-dau/", replications.begin, name="replication-begin"),
    path(
        "nhan-rong/<int:replication_id>/buoc/<int:step>/", replications.set_up_step, name="replication-step"
    ),
    path("nhan-rong/don-vi/<int:row_id>/", replications.deviate, name="replication-deviate"),
]
