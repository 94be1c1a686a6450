"""JSON Schemas of every sort of YAML file, so that an editor completes ids and underlines mistakes while one writes."""
