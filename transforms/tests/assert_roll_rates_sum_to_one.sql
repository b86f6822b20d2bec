{{ config(group='risk') }}
-- Out of each bucket every loan goes somewhere: the rates sum to one, but for six decimals of each.
with rates as (select * from {{ ref('risk__roll_rate_monthly') }})
select as_of, product_code, entity_id, currency, bucket_from_code, sum(roll_rate) as total
from rates
group by as_of, product_code, entity_id, currency, bucket_from_code
having abs(sum(roll_rate) - 1) > 0.0000005 * count(*)
