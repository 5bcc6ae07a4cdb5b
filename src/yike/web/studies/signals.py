"""What the living city tells the floors above: that a city came into the platform."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent inside the transaction that writes a city, when its tree, register and circles are there, and before its figures
#: are: ``city`` (the record), ``folder`` (where city.toml lies), ``given`` (`yike.study.city.CityFile`), ``residents``
#: (frame of the study's residents). So a receiver's records are there with the city or not at all; a receiver that
#: finds faults in its files raises them. ``sender`` is `City`.
city_added = Signal()
