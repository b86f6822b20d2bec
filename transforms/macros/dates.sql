{# Calendar words whose spelling differs between engines. #}
{% macro month_end(day) -%}
    {{ return(adapter.dispatch('month_end')(day)) }}
{%- endmacro %}
{% macro default__month_end(day) -%} last_day({{ day }}) {%- endmacro %}

{# Whole months from one day to a later one; short months clamp, as due dates do. #}
{% macro whole_months(from_day, to_day) -%}
    {{ return(adapter.dispatch('whole_months')(from_day, to_day)) }}
{%- endmacro %}
{% macro default__whole_months(from_day, to_day) -%}
    cast(datesub('month', {{ from_day }}, {{ to_day }}) as bigint)
{%- endmacro %}

{# Month boundaries between two days: 0 in the same month, 1 in the next. #}
{% macro calendar_months(from_day, to_day) -%}
    {{ return(adapter.dispatch('calendar_months')(from_day, to_day)) }}
{%- endmacro %}
{% macro default__calendar_months(from_day, to_day) -%}
    cast(datediff('month', {{ from_day }}, {{ to_day }}) as bigint)
{%- endmacro %}

{# Days from one day to another. #}
{% macro days_between(from_day, to_day) -%}
    {{ return(adapter.dispatch('days_between')(from_day, to_day)) }}
{%- endmacro %}
{% macro default__days_between(from_day, to_day) -%}
    cast(datediff('day', {{ from_day }}, {{ to_day }}) as bigint)
{%- endmacro %}

{# One row per whole number from 0 to last, as a table function's column. #}
{% macro numbers_to(last) -%}
    {{ return(adapter.dispatch('numbers_to')(last)) }}
{%- endmacro %}
{% macro default__numbers_to(last) -%} unnest(range(0, {{ last }} + 1)) {%- endmacro %}
