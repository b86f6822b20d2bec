{{ config(group='risk') }}
-- Charge-offs to date never fall from month to month, and never exceed the loans disbursed.
with vintages as (select * from {{ ref('risk__vintage_monthly') }}),
     beside as (
         select *, lag(loans_charged_off_to_date) over so_far as loans_before,
                lag(amount_charged_off_to_date) over so_far as amount_before,
                lag(months_on_book) over so_far as month_before
         from vintages
         window so_far as (partition by product_code, entity_id, currency, vintage_on order by months_on_book)
     )
select *
from beside
where loans_charged_off_to_date < loans_before or amount_charged_off_to_date < amount_before
   or charge_off_rate > 1 or loans_charged_off_to_date > loans_disbursed
   or months_on_book <> coalesce(month_before + 1, 0)
