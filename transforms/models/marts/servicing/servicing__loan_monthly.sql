with aged as (select * from {{ ref('int_servicing__loans_aged') }}),
     statements as (select * from {{ ref('int_servicing__statements_aged') }}),
     together as (
         select loan_id, as_of, branch_id, entity_id, product_code, currency, months_on_book, due_to_date, paid_to_date,
                total_overdue, principal_outstanding, oldest_due_on, dpd,
                cast(ceil(dpd / 30.0) as bigint) as months_past_due
         from aged
         where is_in_book
         union all
         select loan_id, as_of, branch_id, entity_id, product_code, currency, null, null, paid_to_date,
                null, principal_outstanding, null, null, months_past_due
         from statements
     ),
     final as (
         -- a month late is somewhere in its thirty days: the bucket is the same for every one of them
         select *, {{ dpd_bucket('coalesce(dpd, months_past_due * 30)') }} as dpd_bucket_code
         from together
     )
select * from final
