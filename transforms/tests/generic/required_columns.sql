{# None of the columns is null; one scan for all of them. #}
{% test required_columns(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where {% for column in columns %}{% if not loop.first %} or {% endif %}{{ column }} is null{% endfor %}
{% endtest %}
