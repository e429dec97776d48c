"""What Naer knows, as FHIR R4 resources: one module for each kind of thing; values in, elements out.

Nothing here asks a database or knows who may see what; `naer.site.fhir` does.
"""
