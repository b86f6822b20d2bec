{# A fraction with six decimals. Divided as doubles on purpose: DuckDB would divide decimals so without saying. #}
{% macro share(part, whole) -%}
    cast(round(cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0), 6) as decimal(18,6))
{%- endmacro %}

{# The bucket of the servicer report (RX-09) for days past due. #}
{% macro dpd_bucket(dpd) -%}
    case when {{ dpd }} <= 0 then '0'
         when {{ dpd }} <= 30 then '1-30'
         when {{ dpd }} <= 60 then '31-60'
         when {{ dpd }} <= 90 then '61-90'
         when {{ dpd }} <= 180 then '91-180'
         when {{ dpd }} > 180 then 'GT180' end
{%- endmacro %}
