{# Schemas are silver and gold whatever the target, so that a table has one name for everybody. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
