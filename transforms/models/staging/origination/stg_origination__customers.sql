with received as (select * from {{ source('bronze', 'customers') }}),
     versions as (
         select *, row_number() over (partition by customer_id order by received_at desc, row_number desc) as version_number
         from received
     ),
     final as (
         select
             customer_id, branch_id, entity_id,
             gender_code, occupation_code, currency, state_code, postal_code, pan_token, pan_last4,
             aadhaar_token, aadhaar_last4, mobile_token, mobile_last4, account_number_token,
             account_number_last4,
             monthly_income,
             birth_on,
             source, batch_id, received_at
         from versions
         -- a later row with a known key replaces the earlier one
         where version_number = 1
     )
select * from final
