"""MedCom FHIR messages: HospitalNotification 3.0 in and out, Acknowledgement 2.0 out and in."""
