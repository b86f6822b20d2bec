with received as (select * from {{ source('bronze', 'applications') }}),
     final as (
         select
             application_id, customer_id, branch_id, entity_id, scheme_code,
             product_code, currency, channel_code, decision_code, rejection_reason, state_code, postal_code,
             lender_name, naics_code, is_new_business, is_franchise, urban_rural_code, is_revolving,
             is_low_doc,
             amount_requested, amount_sanctioned, amount_guaranteed, tenure_months, employees, jobs_created,
             jobs_retained,
             applied_on, decided_on,
             source, batch_id, received_at
         from received
     )
select * from final
