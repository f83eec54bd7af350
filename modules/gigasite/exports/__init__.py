"""Exports: what others read, as text. Pure functions from a Design to `{relative path: text}`.

Each folder of files belongs to one unit of work: a row of racks, a group of switches, a pool, a hall's
power. Tables are CSV, device data is JSON, inventories are YAML as Ansible reads it.
"""
