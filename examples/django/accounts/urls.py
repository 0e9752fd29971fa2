from django.urls import path

from . import views

urlpatterns = [
    path("users/", views.users),
    path("documented/users/", views.documented_users),
    path("signalbox/resolve/", views.resolve),
]
