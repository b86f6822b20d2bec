{# Every code column holds only the codes its contract lists; one scan for all of them. Nulls are not its subject. #}
{% test known_codes(model, codes) %}
select {{ codes.keys() | join(', ') }}
from {{ model }}
where {% for column, allowed in codes.items() %}
    {% if not loop.first %}or {% endif %}{{ column }} not in ('{{ allowed | join("', '") }}')
{%- endfor %}
{% endtest %}
