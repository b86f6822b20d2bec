with monthly as (select * from {{ ref('servicing__loan_monthly') }}),
     moves as (
         select as_of, product_code, entity_id, currency, dpd_bucket_code as bucket_to_code,
                lag(dpd_bucket_code) over by_month as bucket_from_code,
                lag(as_of) over by_month as as_of_before
         from monthly
         window by_month as (partition by loan_id order by as_of)
     ),
     counted as (
         select as_of, product_code, entity_id, currency, bucket_from_code, bucket_to_code, count(*) as loans
         from moves
         -- a gap in the book is no move
         where {{ calendar_months('as_of_before', 'as_of') }} = 1
         group by all
     ),
     final as (
         select as_of, product_code, entity_id, currency, bucket_from_code, bucket_to_code, loans,
                {{ share('loans',
                         'sum(loans) over (partition by as_of, product_code, entity_id, currency, bucket_from_code)')
                }} as roll_rate
         from counted
     )
select * from final
