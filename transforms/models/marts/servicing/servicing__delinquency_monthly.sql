with monthly as (select * from {{ ref('servicing__loan_monthly') }}),
     final as (
         select as_of, product_code, branch_id, entity_id, currency, dpd_bucket_code,
                count(*) as loans,
                cast(sum(principal_outstanding) as decimal(18,2)) as principal_outstanding,
                cast(sum(total_overdue) as decimal(18,2)) as total_overdue
         from monthly
         group by all
     )
select * from final
