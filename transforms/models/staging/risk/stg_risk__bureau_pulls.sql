with received as (select * from {{ source('bronze', 'bureau_pulls') }}),
     final as (
         select
             pull_id, application_id, customer_id,
             bureau_code,
             credit_score, accounts_active, enquiries_6_months, dpd_max_12_months,
             pulled_on,
             source, batch_id, received_at
         from received
     )
select * from final
