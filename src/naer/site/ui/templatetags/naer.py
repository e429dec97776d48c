"""Marks, states and times in templates."""

from django import template

register = template.Library()
