with received as (select * from {{ source('bronze', 'schemes') }}),
     versions as (
         select *, row_number() over (partition by scheme_code order by received_at desc, row_number desc) as version_number
         from received
     ),
     final as (
         select
             scheme_code,
             product_code, scheme_name, repay_unit_code, currency,
             annual_rate, amount_min, amount_max, processing_fee_rate, penal_rate, repay_every,
             valid_from,
             source, batch_id, received_at
         from versions
         -- a later row with a known key replaces the earlier one
         where version_number = 1
     )
select * from final
